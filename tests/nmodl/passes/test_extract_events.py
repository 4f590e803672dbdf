"""LOCALs hold what a block asks of the event queue."""

from tests.nmodl.passes.equations import after, block

LOCALS = "LOCAL send_1, send_1_time, send_1_flag"
ZERO = "send_1 = 0\nsend_1_time = 0\nsend_1_flag = 0"


def test_what_is_sent_is_set_where_the_block_comes_past():
    before = "NET_RECEIVE(w) { IF (flag == 1) { net_send(q - t, w) } ELSE { net_event(t) net_move(t + w) } }"
    locals = f"{LOCALS}, event_2, event_2_time, move_3, move_3_time"
    zero = f"{ZERO}\nevent_2 = 0\nevent_2_time = 0\nmove_3 = 0\nmove_3_time = 0"
    sides = (
        "IF (flag == 1) {\n    send_1 = 1\n    send_1_time = t + q - t\n    send_1_flag = w\n} ELSE {\n"
        "    event_2 = 1\n    event_2_time = t\n    move_3 = 1\n    move_3_time = t + w\n}"
    )
    assert after("extract_events", before) == block("NET_RECEIVE(w)", f"{locals}\n{zero}\n{sides}")


def test_t_is_added_to_the_first_term_of_the_delay():
    times = {"a - b - c": "t + a - b - c", "(a - b) - c": "t + (a - b) - c", "(a + b)": "t + (a + b)"}
    times |= {"a * b - c": "t + a * b - c", "-a": "t + (-a)", "a < b": "t + a < b", "a ^ b + c": "t + a ^ b + c"}
    for delay, time in times.items():
        sent = f"send_1 = 1\nsend_1_time = {time}\nsend_1_flag = 2"
        assert after("extract_events", f"INITIAL {{ net_send({delay}, 2) }}") == block(
            "INITIAL", f"{LOCALS}\n{ZERO}\n{sent}"
        )


def test_a_loop_that_sends_is_written_out_and_one_of_unknown_length_is_refused():
    sent = after("extract_events", "INITIAL { FROM k = 0 TO 1 { net_send(x[k], k) } }")
    assert "send_1_time = t + x[0]\n    send_1_flag = 0\n" in sent
    assert "send_2_time = t + x[1]\n    send_2_flag = 1\n" in sent
    looped = after("extract_events", "NET_RECEIVE(w) { WHILE (a > 0) { net_send(a, 1) a = a - 1 } }")
    assert ": refused: net_send in a loop whose number of turns is not known before the run" in looped


def test_a_watch_has_a_block_for_its_condition():
    sent = after("extract_events", "NET_RECEIVE(w) { WATCH (v > a) 2, (v - b < 3) 4 }")
    assert sent == block(
        "NET_RECEIVE(w)",
        "LOCAL watch_1, watch_1_flag, watch_2, watch_2_flag\n"
        "watch_1 = 0\nwatch_1_flag = 0\nwatch_2 = 0\nwatch_2_flag = 0\n"
        "watch_1 = 1\nwatch_1_flag = 2\nwatch_2 = 1\nwatch_2_flag = 4",
    ) + "\n" + block("WATCH 1", "LOCAL condition\ncondition = v - a") + "\n" + block(
        "WATCH 2", "LOCAL condition\ncondition = -(v - b - 3)"
    )  # fmt: skip


def test_an_argument_that_hides_a_variable_has_a_name_of_its_own():
    assert after("extract_events", "NET_RECEIVE(a) { LOCAL p p = a b = p + flag }") == block(
        "NET_RECEIVE(a_local)", "LOCAL p_local\np_local = a_local\nb = p_local + flag"
    )


def test_state_discontinuity_is_an_assignment():
    assert after("extract_events", "NET_RECEIVE(w) { state_discontinuity(m, m + w) }") == block(
        "NET_RECEIVE(w)", "m = m + w"
    )


def test_the_initial_of_net_receive_has_the_same_names():
    assert after("extract_events", "NET_RECEIVE(w, q) { INITIAL { LOCAL h h = w q = h } a = q }") == block(
        "NET_RECEIVE(w, q_local)", "INITIAL {\n    LOCAL h\n    h = w\n    q_local = h\n}\na = q_local"
    )
