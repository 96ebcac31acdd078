import { reasonOf, UserError } from '../base/errors.ts';
import { codeOf } from './reasons.ts';

/** What an explanation has to know of the attempt. */
export interface Attempt {
  readonly url: string;
  readonly clientId: string;
  readonly username?: string;
  readonly cert?: Buffer;
}

interface Advice {
  readonly when: RegExp;
  readonly says: (reason: string, attempt: Attempt) => string;
  readonly hint: string | ((attempt: Attempt) => string);
}

const ownCertificate = ({ cert }: Attempt) =>
  cert === undefined
    ? 'set mqtt.tls.cert and mqtt.tls.key to a client certificate that the broker trusts'
    : 'set mqtt.tls.cert and mqtt.tls.key to one that is still valid and that an authority of the broker has signed';

/** What goes wrong before the first byte of MQTT, by OpenSSL's and Node's names; the first that fits is reported. */
const TLS_ADVICE: readonly Advice[] = [
  {
    when: /CERT_HAS_EXPIRED/,
    says: () => "the broker's certificate, or one that signed it, has expired",
    hint: "renew it at the broker; if it is new, set this machine's clock",
  },
  {
    when: /CERT_NOT_YET_VALID/,
    says: () => "the broker's certificate is not valid yet",
    hint: "set this machine's clock",
  },
  {
    when: /ALTNAME_INVALID/,
    says: (reason) => `the broker's certificate is for another host (${reason})`,
    hint: 'name the host in mqtt.url as the certificate does, or have one made for this name',
  },
  {
    when: /CERT_REVOKED/,
    says: () => "the broker's certificate was revoked",
    hint: 'have a new one made for the broker, and find out why',
  },
  {
    when: /DEPTH_ZERO_SELF_SIGNED/,
    says: (reason) => `the broker's certificate is not trusted (${reason})`,
    hint: 'set mqtt.tls.ca to that very certificate, as its owner gives it to you',
  },
  {
    when: /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|CERT_REJECTED|INVALID_CA|INVALID_PURPOSE/,
    says: (reason) => `the broker's certificate is not trusted (${reason})`,
    hint: 'set mqtt.tls.ca to the certificate authority that signed it',
  },
  {
    when: /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|NO_SHARED_CIPHER|NO_CIPHERS|DH_KEY_TOO_SMALL|INSUFFICIENT_SECURITY/,
    says: (reason) =>
      `this machine and the broker have no TLS version or cipher in common (${reason})`,
    hint: 'let the broker offer TLS 1.2 or 1.3',
  },
  {
    when: /ALERT_(BAD_CERT|CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERT|ACCESS_DENIED|DECRYPT|HANDSHAKE)/,
    says: (reason, { cert }) =>
      cert === undefined
        ? `the broker asks for a client certificate (${reason})`
        : `the broker refused this gateway's certificate (${reason})`,
    hint: ownCertificate,
  },
  {
    when: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|EPROTO|BEFORE_SECURE_TLS_CONNECTION/,
    says: (reason) => `the port does not answer in TLS (${reason})`,
    hint: "name the broker's TLS port in mqtt.url (usually 8883); 1883 is plain text",
  },
  {
    when: /CERT_|CERTIFICATE|EE_KEY|CA_KEY|CA_MD|KEY_TOO_SMALL|MD_TOO_WEAK|CRL_/,
    says: (reason) => `the broker's certificate is not accepted (${reason})`,
    hint: 'have a new one made for the broker',
  },
  {
    when: /ERR_(SSL|TLS|OSSL|CRYPTO)|OPENSSL/,
    says: (reason) => `no TLS connection (${reason})`,
    hint: "check mqtt.tls and the broker's own TLS settings",
  },
];

/** The broker speaks no MQTT 5: 3.1.1 answers 1, 5 answers 0x84. */
export function isVersionRefused(error: unknown): boolean {
  const code = codeOf(error);
  return code === 1 || code === 0x84;
}

/** Refusals that the CONNACK names (MQTT 3.1.1, 3.2.2.3; MQTT 5, 3.2.2.2). */
function explainRefusal(code: unknown, { username, clientId }: Attempt) {
  if (code === 4 || code === 5 || code === 0x86 || code === 0x87) {
    const who = username === undefined ? 'without a user name' : `user ${username}`;
    const hint = 'check mqtt.username and the password that mqtt.passwordFile or passwordEnv gives';
    return { code: 'mqtt-auth', says: `the broker refused ${who}`, hint };
  }
  if (code === 2 || code === 0x85) {
    const says = `the broker refused the client id ${clientId}`;
    return { code: 'mqtt-auth', says, hint: 'set mqtt.clientId to one that it takes' };
  }
  if (code === 1 || code === 0x84) {
    const says = 'the broker refused this MQTT version';
    return { code: 'mqtt-version', says, hint: 'set mqtt.version: auto' };
  }
  return undefined;
}

const CHECK_URL = 'check mqtt.url and the broker';

function otherPort(secure: boolean): string {
  return secure
    ? `${CHECK_URL}, and that the port is its TLS port (usually 8883; 1883 is plain text)`
    : `${CHECK_URL}; for the broker's TLS port write mqtts://`;
}

/** Plain text hangs up on TLS, TLS on plain MQTT, or with an alert, and HTTP answers in text: none of it is MQTT. */
function looksLikeAnotherPort(reason: string): boolean {
  return /closed the connection|ECONNRESET|header flag|invalid|cmd|protocol/i.test(reason);
}

/** OpenSSL packs its reason between file names and numbers, and ends it with a new line. */
function reasonIn(error: unknown): string {
  const raw = error instanceof Error ? error.message : '';
  return (
    /SSL routines:[^:]*:([^:\n]+)/.exec(raw)?.[1] ?? (reasonOf(error) || String(codeOf(error)))
  );
}

/** Turns what a failed attempt threw into one line: what happened, and how to fix it. */
export function explainFailure(error: unknown, attempt: Attempt): UserError {
  const { url } = attempt;
  const code = codeOf(error);
  const reason = reasonIn(error);
  const fail = (kind: string, message: string, hint: string) =>
    new UserError(kind, `${url}: ${message}`, { hint, cause: error });
  const refusal = explainRefusal(code, attempt);
  if (refusal !== undefined) return fail(refusal.code, refusal.says, refusal.hint);
  const secure = /^(mqtts|wss):/.test(url);
  const names = `${code} ${reason}`.toUpperCase().replaceAll(' ', '_');
  const advice = secure && TLS_ADVICE.find(({ when }) => when.test(names));
  if (advice) {
    const hint = typeof advice.hint === 'string' ? advice.hint : advice.hint(attempt);
    return fail('mqtt-tls', advice.says(reason, attempt), hint);
  }
  const hint = looksLikeAnotherPort(`${code} ${reason}`) ? otherPort(secure) : CHECK_URL;
  return fail('mqtt-connect', `no connection (${reason})`, hint);
}
