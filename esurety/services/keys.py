"""認証キー: made with a version, shown after a password, issued anew, moved to a new outside key (esurety.md 4.2)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from esurety import vault
from esurety.enums import KeyState
from esurety.models import AuthKey, Certificate
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User

BATCH = 200


def binding_of(key: AuthKey) -> bytes:
    """Return what ties the key to its guarantee, version and generation."""
    made = key.certificate
    return vault.binding(made.guarantee.number, made.sequence, key.generation)


def sealed_of(key: AuthKey) -> vault.Sealed:
    return vault.Sealed(bytes(key.sealed), bytes(key.wrapped), key.wrapped_by, bytes(key.mac), key.mac_by)


def make(certificate: Certificate, generation: int = 1) -> AuthKey:
    """Write a new key of the version, in the caller's transaction."""
    key = AuthKey(certificate=certificate, generation=generation, made_at=timezone.now())
    sealed = vault.seal(vault.new_key(), binding_of(key))
    for name, value in vars(sealed).items():
        setattr(key, name, value)
    key.save(force_insert=True)
    return key


def alive(certificate: Certificate) -> AuthKey | None:
    """Return the key of the version that is not void: valid, or frozen after too many wrong tries."""
    found: AuthKey | None = certificate.keys.exclude(state=KeyState.VOID).first()
    return found


def show(key: AuthKey, actor: "User", how: str) -> str:
    """Return the key in clear for its contractor, recorded first; `how` is "screen" or "sheet".

    Raises esurety.vault.Unreadable when no outside key opens it.
    """
    guarantee = key.certificate.guarantee
    audit.record(
        "surety.key_shown",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"sequence": key.certificate.sequence, "generation": key.generation, "how": how},
    )
    return vault.open_sealed(sealed_of(key), binding_of(key))


@transaction.atomic
def reissue(certificate: Certificate, actor: "User", reason: str) -> AuthKey | None:
    """認証キー再発行: a new key of the same version, the old one void at this commit; None when somebody was faster.

    What a body has registered stays registered.
    """
    old = alive(certificate)
    if old is None:
        return None
    own = AuthKey.objects.filter(pk=old.pk).exclude(state=KeyState.VOID)
    if not own.update(state=KeyState.VOID, ended_at=timezone.now()):
        return None
    made = make(certificate, old.generation + 1)
    guarantee = certificate.guarantee
    audit.record(
        "surety.key_reissued",
        actor=actor,
        organisation=guarantee.organisation,
        target=guarantee.number,
        detail={"sequence": certificate.sequence, "generation": made.generation, "reason": reason},
    )
    return made


def rotate() -> Iterator[tuple[int, int]]:
    """Move every key to the present outside keys, a batch a commit; yields (moved so far, still to move).

    May be stopped and begun again at any moment. Raises Unreadable for a key whose outside key is gone.
    """
    (wrapper, *_), (pepper, *_) = vault.wrapping_keys(), vault.mac_keys()
    old = AuthKey.objects.exclude(wrapped_by=wrapper, mac_by=pepper)
    moved = 0
    while batch := list(old.select_related("certificate__guarantee").order_by("pk")[:BATCH]):
        with transaction.atomic():
            for key in batch:
                renewed = vault.renewed(sealed_of(key), binding_of(key))
                # A re-issue meanwhile changes the state, never these fields.
                AuthKey.objects.filter(pk=key.pk, wrapped_by=key.wrapped_by, mac_by=key.mac_by).update(**vars(renewed))
        moved += len(batch)
        yield moved, old.count()


def faults() -> Iterator[str]:
    """Yield what is wrong with the stored keys: one that does not open, one whose MAC does not fit (`verify_keys`)."""
    for key in AuthKey.objects.select_related("certificate__guarantee").order_by("pk").iterator(BATCH):
        bound = binding_of(key)
        try:
            text = vault.open_sealed(sealed_of(key), bound)
        except vault.Unreadable as error:
            yield f"{key}: {error}"
            continue
        if not vault.fits(bytes(key.mac), key.mac_by, text, bound):
            yield f"{key}: the MAC does not fit"
