"""The settings of how Temporal is reached: a server of one's own, or Temporal Cloud."""

import re

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

#: What has a meaning over TLS only. An API key in the clear would be anybody's.
_NEEDS_TLS = (
    "temporal_api_key",
    "temporal_tls_server_name",
    "temporal_tls_ca",
    "temporal_tls_cert",
    "temporal_tls_key",
)


class TemporalSettings(BaseSettings):
    """A part of `settings.Settings`; `contracts.connection` makes a client of it.

    What is half given is refused, and the setting that is wrong or missing is named.
    """

    temporal_address: str = Field("127.0.0.1:7233", description="Temporal frontend, host:port.")
    temporal_namespace: str = Field("default", min_length=1, description="Temporal namespace.")
    # Before those that need it: a validator sees the fields above its own.
    temporal_tls: bool = Field(False, description="Speak TLS to Temporal.")
    temporal_api_key: SecretStr = Field(
        SecretStr(""), description="API key for Temporal Cloud; needs TLS. Empty: none."
    )
    temporal_tls_server_name: str = Field(
        "",
        description="Name in the server's certificate, where it is not the host of the address. "
        "Empty: that host.",
    )
    temporal_tls_ca: str = Field(
        "",
        description="Certificates, as PEM, of who may have signed the server's. Empty: those that "
        "this machine trusts.",
    )
    temporal_tls_cert: str = Field(
        "", description="Certificate of this client, as PEM, for mTLS. Empty: none."
    )
    temporal_tls_key: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="Private key of that certificate, as PEM. Empty: none.",
    )

    @field_validator("temporal_address")
    @classmethod
    def _names_a_port(cls, text: str) -> str:
        if not re.fullmatch(r"[^\s/]+:\d{1,5}", text):
            raise ValueError("must be host:port")
        return text

    @field_validator(*_NEEDS_TLS)
    @classmethod
    def _over_tls(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        if _plain(value) and not info.data.get("temporal_tls", True):
            raise ValueError("needs TRUNKLINE_TEMPORAL_TLS=true")
        return value

    @field_validator("temporal_tls_ca", "temporal_tls_cert", "temporal_tls_key")
    @classmethod
    def _is_pem(cls, value: str | SecretStr) -> str | SecretStr:
        text = _plain(value)
        if text and not re.search(r"-----BEGIN [A-Z0-9 ]+-----", text):
            raise ValueError("must be PEM, which begins with -----BEGIN")
        return value

    @field_validator("temporal_tls_key")
    @classmethod
    def _belongs_to_a_certificate(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        # Nothing is said of a pair of which the other half was refused already.
        if "temporal_tls_cert" in info.data:
            if value.get_secret_value() and not info.data["temporal_tls_cert"]:
                raise ValueError("needs its certificate, TRUNKLINE_TEMPORAL_TLS_CERT")
            if info.data["temporal_tls_cert"] and not value.get_secret_value():
                raise ValueError("is missing, and TRUNKLINE_TEMPORAL_TLS_CERT is there")
        return value


def _plain(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
