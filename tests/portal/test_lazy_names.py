"""What `portal.audit` and `portal.outbox` hand out on first use is the same in whatever order modules are imported."""

import pkgutil

import pytest

from portal import audit, outbox


@pytest.mark.parametrize("package", [audit, outbox], ids=lambda package: package.__name__)
def test_no_module_has_the_name_of_something_that_its_package_hands_out(package):
    # Importing the module would put it in the place of the function: `audit.verify()` then calls a module.
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert modules.isdisjoint(package.__all__)
