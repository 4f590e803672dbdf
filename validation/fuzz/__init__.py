"""Files with random edits, read as a user's file is: whatever is wrong with them must be said by one of our errors.

``inputs`` makes them, ``worker`` reads them in child processes, ``judge`` says which readings failed.

    python -m validation.fuzz --seed 1 --count 1000 [--kind mod] [--first 0] [--keep FOLDER]
"""
