"""The worker: claim, gate, hand over, finish; and what providers say afterwards.

worker.py     the loop: which lane next, how many messages, and an orderly end
shift.py      registers, runs the loop and what goes along with it, signs off
passing.py    claimed messages through the gate: send, put back or refuse
paying.py     credits of texts, before they are handed over and when they were not taken
sending.py    one message at an adapter, and what its answer means
lease.py      how long this worker may go on without word from the database
stops.py      which stops it has heard of, and whether a message may still start
ears.py       hears of stops, acknowledges them, renews the lease
notify.py     what NOTIFY says, without asking for it
setups.py     what a lane's messages share, and the adapters
testing.py    tries providers for people who press Test
hearing.py    receipts and replies into the store
outbox.py     the sandbox's far end
burial.py     workers that died
chores.py     what is done every second or so
"""
