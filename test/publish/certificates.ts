import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes certificates for a test with openssl, all in one directory. */
export class Certificates {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  /** A certificate that signs itself: an authority, or a server on its own. */
  selfSigned(name: string, subject = name): void {
    const files = ['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.pem`)];
    this.#openssl(
      'req',
      '-x509',
      '-nodes',
      ...NEW_KEY,
      ...files,
      '-subj',
      `/CN=${subject}`,
      '-days',
      '2',
    );
  }

  /** A certificate that the authority signs, for these years. */
  signed(name: string, authority: string, subject = 'localhost', years = [2020, 2049]): void {
    const csr = this.path(`${name}.csr`);
    const key = this.path(`${name}.key`);
    const subj = ['-subj', `/CN=${subject}`];
    this.#openssl('req', '-nodes', ...NEW_KEY, '-keyout', key, '-out', csr, ...subj);
    const [from, to] = years.map((year) => `${year}0101000000Z`);
    const dates = ['-startdate', from ?? '', '-enddate', to ?? ''];
    const files = [
      '-config',
      this.#config(authority),
      '-in',
      csr,
      '-out',
      this.path(`${name}.pem`),
    ];
    this.#openssl('ca', '-batch', '-notext', ...dates, ...files);
  }

  /** What `openssl ca` wants, which alone makes certificates of other times. */
  #config(authority: string): string {
    const lines = [
      '[ca]',
      'default_ca = d',
      '[d]',
      `certificate = ${this.path(`${authority}.pem`)}`,
      `private_key = ${this.path(`${authority}.key`)}`,
      `database = ${this.path(`${authority}.txt`)}`,
      `new_certs_dir = ${this.#directory}`,
      'rand_serial = yes',
      'unique_subject = no',
      'default_md = sha256',
      'policy = p',
      '[p]',
      'commonName = supplied',
    ];
    const file = this.path(`${authority}.cnf`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    appendFileSync(this.path(`${authority}.txt`), '');
    return file;
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'ignore' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
