"""The registry of demo data and the accounts made from it."""

import base64

import pytest

from portal.accounts.models import Grant, User
from portal.demo import registry
from portal.demo.accounts import SYSTEM, Account, create


def test_a_name_can_be_registered_once() -> None:
    with pytest.raises(ValueError, match="system"):
        registry.register("system", lambda: None, ())


def test_the_operator_is_there_whatever_portals_are_switched_on_and_comes_last() -> None:
    demos = registry.every()
    assert [account.login for account in demos[-1].accounts] == ["sysadmin"]
    assert demos == registry.every()


def test_the_secret_of_the_second_factor_is_fixed_and_each_login_has_its_own() -> None:
    assert SYSTEM.totp_secret == Account("sysadmin", "他人", "system.admin").totp_secret
    assert SYSTEM.totp_secret != Account("sysadmin-2", "他人", "system.admin").totp_secret
    assert len(base64.b32decode(SYSTEM.totp_secret)) == 20


@pytest.mark.django_db
def test_an_account_that_exists_is_left_alone() -> None:
    user = create(SYSTEM)
    assert user.is_staff
    assert user.check_password("demo-password-2026")
    user.set_password("another-password")
    user.save()
    assert not create(SYSTEM).check_password("demo-password-2026")
    assert (User.objects.count(), Grant.objects.count()) == (1, 1)
