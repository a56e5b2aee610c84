"""Whoever logs in or asks for a new password may type a domain in its letters: it is kept as xn--bcher-kva.example."""

from allauth.account.forms import LoginForm, ResetPasswordForm

from allstop.rules.addresses import ascii_domain


class LogIn(LoginForm):  # type: ignore[misc]
    def clean_login(self) -> str:
        return ascii_domain(super().clean_login())


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        self.cleaned_data["email"] = ascii_domain(self.cleaned_data["email"])
        return str(super().clean_email())
