"""What the pages about channels say alike."""


def leaves_by(what: str, provider: str, where: str, sandbox: str) -> str:
    """`what`: Emails, and `where` a real provider takes them. `sandbox`: what becomes of them there."""
    match provider:
        case "":
            return f"{what} leave by nothing: they wait."
        case "sandbox":
            return f"{what} go to the sandbox: {sandbox}"
        case _:
            return f"{what} leave by {where or provider}."
