"""Every loop runs to its last turn; those after a BREAK do nothing."""

from tests.nmodl.passes.equations import check

BREAK = "VERBATIM\nbreak;\nENDVERBATIM"


def test_a_while():
    check(
        "break_to_if",
        f"WHILE (a < 5) {{\na = a + 1\nIF (b > 2) {{\nc = 1\n{BREAK}\n}}\nd = 1\n}}",
        """
        LOCAL running
        running = 1
        WHILE (running && a < 5) {
            a = a + 1
            IF (b > 2) {
                c = 1
                running = 0
            }
            IF (running) {
                d = 1
            }
        }
        """,
    )


def test_a_from_and_what_follows_a_break():
    check(
        "break_to_if",
        f"FROM k = 0 TO 3 {{\nx[k] = 1\nIF (k > a) {{\n{BREAK}\n}} ELSE {{\nb = k\n}}\n}}",
        """
        LOCAL running
        running = 1
        FROM k = 0 TO 3 {
            IF (running) {
                x[k] = 1
                IF (k > a) {
                    running = 0
                } ELSE {
                    b = k
                }
            }
        }
        """,
    )


def test_a_break_leaves_the_inner_loop_only():
    check(
        "break_to_if",
        f"FROM k = 0 TO 3 {{\nWHILE (a < k) {{\na = a + 1\n{BREAK}\n}}\nb = k\n}}",
        """
        LOCAL running
        FROM k = 0 TO 3 {
            running = 1
            WHILE (running && a < k) {
                a = a + 1
                running = 0
            }
            b = k
        }
        """,
    )


def test_two_loops_that_are_left_have_two_flags():
    check(
        "break_to_if",
        f"WHILE (a < 3) {{\nWHILE (b < 3) {{\nb = b + 1\n{BREAK}\n}}\na = a + 1\n{BREAK}\n}}",
        """
        LOCAL running, running1
        running = 1
        WHILE (running && a < 3) {
            running1 = 1
            WHILE (running1 && b < 3) {
                b = b + 1
                running1 = 0
            }
            a = a + 1
            running = 0
        }
        """,
    )
