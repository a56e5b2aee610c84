"""`field__any_of=[...]`: thousands of values as one array parameter.

Django's own `__in` writes every value into the statement, which takes longer than the look-up itself.
"""

from typing import Any

from django.db.models import CharField, Field, IntegerField
from django.db.models.lookups import Lookup

from allstop.store.claims import numbers, texts


@CharField.register_lookup
@IntegerField.register_lookup
class AnyOf(Lookup):
    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        assert isinstance(field, Field)
        if isinstance(field, CharField):
            return f"{left} = ANY (%s::text[])", (*params, texts(list(self.rhs)))
        return f"{left} = ANY (%s::bigint[])", (*params, numbers(self.rhs))
