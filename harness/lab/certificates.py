"""A certificate authority that lives as long as one lab."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

from harness.profile import trust
from harness.profile.files import File

Shown = dict[str, tuple[str, int]]  # text and mode by path
_LIFE = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A CA: its key, and its certificate as clients trust it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str, addresses: list[str]) -> tuple[str, str]:
        """Return (certificate, key) in PEM for a server that answers at `addresses`."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(n) for n in (name, "localhost", "kubernetes")]
        names += [x509.IPAddress(ipaddress.ip_address(a)) for a in addresses]
        made = _builder(name, self.certificate.subject, key.public_key())
        certificate = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._signed(certificate), private.decode()

    def named(self, group: Sequence[File], certificate: str, key: str) -> Shown:
        """Return what stands where a node's files name certificates."""
        shown = dict.fromkeys(trust.certificates(group), (certificate + key, 0o600))
        return shown | dict.fromkeys(trust.authorities(group), (self.pem, 0o644))

    def expired(self, certificate: str) -> str:
        """Return a certificate, in PEM, as one of the same name and key whose time was up an hour ago."""
        valid = x509.load_pem_x509_certificate(certificate.encode())
        name = valid.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        made = _builder(str(name), self.certificate.subject, valid.public_key(), datetime.timedelta(hours=-1))
        for extension in valid.extensions:
            made = made.add_extension(extension.value, extension.critical)
        return self._signed(made)

    def _signed(self, made: x509.CertificateBuilder) -> str:
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def authority() -> Authority:
    """Return a new CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "failover-harness lab")])
    certificate = (
        _builder("failover-harness lab", name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def _builder(
    name: str, issuer: x509.Name, key: CertificatePublicKeyTypes, left: datetime.timedelta = _LIFE
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFE)
        .not_valid_after(now + left)
    )
