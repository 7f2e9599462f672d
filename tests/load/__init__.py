"""The app under load and in trouble: programs that start a real server and stop by themselves.

python -m tests.load.visitors    visitors who each explain another text every ten seconds
python -m tests.load.sessions    sessions that are opened and closed, and the memory that is left
python -m tests.load.faults      what is killed, full, damaged or cut, at random moments
python -m tests.load.fuzz        inputs of every kind, and no traceback
"""
