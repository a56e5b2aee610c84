"""What a person reads when Allstop has started."""

DEMO_ADMIN = "ada@northgate.example"

LOG_INS = """\
  ada@northgate.example   admin    may do everything, also stop and start the account
  ben@northgate.example   leader   runs the jobs of the team
  cem@northgate.example   member   sends messages and looks after contacts
  dot@northgate.example   viewer   looks and changes nothing
  The password is the same for all four: northgate demo"""

THINGS_TO_TRY = """\
  1. Press RUNNING at the upper left. Nothing more leaves until somebody presses START.
  2. Upload a reminder file, look at the messages before they are queued, and watch them go.
  3. Open the outbox to read what was sent, or ask of any message that waits why it waits."""


def welcome(address: str, demo: bool) -> str:
    lines = [f"Allstop runs at {address}"]
    if demo:
        lines += ["", "Log in to the demo account Northgate Dental as", LOG_INS]
        lines += ["", "Three things to try", THINGS_TO_TRY]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])
