"""Checks of the settings: credentials that are missing or half set, doors that are open."""

from __future__ import annotations

from graph.preflight.findings import Check, Finding, World, block, ok, warn
from graph.settings import Profile, refusal_to_listen
from graph.wiring.parts import twilio_credentials

WEAK = ("secret", "password", "changeme", "default", "example", "test")


async def supabase_credentials(world: World) -> Finding:
    settings = world.settings
    if settings.supabase_url and settings.supabase_key:
        return ok("SUPABASE_URL and SUPABASE_KEY are set.")
    missing = [
        name
        for name, value in (
            ("SUPABASE_URL", settings.supabase_url),
            ("SUPABASE_KEY", settings.supabase_key),
        )
        if not value
    ]
    return warn(
        f"Not set: {', '.join(missing)}.",
        "The gateway runs on its local store and fixtures; health says DEGRADED and a banner shows it.",
        "Set both to sync with Supabase, or accept local data.",
    )


async def twilio_set_up(world: World) -> Finding:
    faults = twilio_credentials(world.settings).faults()
    if not faults:
        return ok("Twilio's credentials and a sender are set.")
    return warn(
        f"{', '.join(faults)}.",
        "Notifications are queued on disk and not sent; a banner shows it.",
        "Set them to send, or accept the queue.",
    )


async def doors(world: World) -> Finding:
    settings = world.settings
    if (reason := refusal_to_listen(settings)) is not None:
        return block(reason, "Everyone who can reach the address would be the operator.", reason)
    secret = settings.auth_jwt_secret
    if secret is not None and any(word in secret.get_secret_value().lower() for word in WEAK):
        return block(
            "AUTH_JWT_SECRET contains a word that default secrets contain.",
            "Whoever guesses it signs tokens for any role.",
            "Use the issuer's own secret, or better its keys: AUTH_JWKS_URL.",
        )
    if settings.profile is Profile.PRODUCTION and not settings.authentication_configured:
        return block(
            "PROFILE is production, and no authentication is configured.",
            "Every caller is the local operator with all roles.",
            "Set AUTH_JWKS_URL.",
        )
    how = "tokens" if settings.authentication_configured else "loopback only"
    return ok(f"Listens on {settings.bind_host}; entry by {how}.")


CHECKS = (
    Check("P01", "Supabase credentials missing", supabase_credentials),
    Check("P04", "Twilio credentials absent or half set", twilio_set_up),
    Check("P16", "Open to the world, or a weak secret", doors),
)
