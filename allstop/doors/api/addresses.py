"""How answers write the address of a person: an email with its domain in its letters, as pages do; a number as E.164.

Either spelling is taken where an address is sent.
"""

from typing import Annotated

from pydantic import AfterValidator

from allstop.rules.addresses import in_letters

Address = Annotated[str, AfterValidator(in_letters)]
