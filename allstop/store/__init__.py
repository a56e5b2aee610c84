"""The one Django app: the nouns (models/), the queue's SQL, what the gate may know, the ledger, what screens read."""
