"""Chaos: real workers send mails to a real mail server, people press STOP and START, and all else goes wrong.

    plan.py      what is asked for, and what comes out
    measure.py   a database and a mail server of its own, and the director's process in them
    director.py  the rounds: in each, something happens
    crew.py      the worker processes, and what is done to them
    people.py    STOP, START, removed jobs, marked contacts; when each was acknowledged
    queueing.py  mails to send
    judge.py     whether anything left that must not, was lost or came twice: pure
    worker.py    one worker process

The rule that it guards: what is judged is what the mail server saw, by the clock that both sides share.
"""
