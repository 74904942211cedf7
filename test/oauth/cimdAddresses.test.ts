import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigFile } from '../../src/configFile.js';
import type { NamedLimiter } from '../../src/http/limits.js';
import { createPublicLookup, isPublicAddress } from '../../src/lib/publicLookup.js';
import { createClientDocuments } from '../../src/oauth/cimd/clientDocuments.js';
import { clientIdUrl, isListed } from '../../src/oauth/cimd/clientIdUrl.js';
import { documentMetadata } from '../../src/oauth/cimd/documentMetadata.js';
import { createFetchBudget } from '../../src/oauth/cimd/fetchBudget.js';
import type { DurableStore } from '../../src/stores/durable.js';
import { PLAIN_DOCUMENT } from '../support/documentHost.js';
import { type NameServer, startNameServer } from '../support/nameServer.js';

describe('An address is not of the public internet', () => {
  test.each([
    ['this network', '0.0.0.0'],
    ['private, 10/8', '10.1.2.3'],
    ['private, the first of 172.16/12', '172.16.0.0'],
    ['private, the last of 172.16/12', '172.31.255.255'],
    ['private, 192.168/16', '192.168.0.1'],
    ['shared address space, 100.64/10', '100.64.0.1'],
    ['loopback', '127.0.0.1'],
    ['all of 127/8', '127.255.255.254'],
    ['the metadata service of clouds', '169.254.169.254'],
    ['protocol assignments', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['benchmarking', '198.18.0.1'],
    ['relay anycast', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped, in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped metadata service', '::ffff:169.254.169.254'],
    ['IPv4-compatible', '::10.0.0.1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64 of a public address', '64:ff9b::808:808'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['unique local', 'fd00:ec2::254'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['discard', '100::1'],
    ['no address', 'localhost'],
    ['nothing', ''],
  ])('%s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test('but these are', () => {
    for (const address of ['8.8.8.8', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111'])
      expect(`${address} ${isPublicAddress(address)}`).toBe(`${address} true`);
  });
});

describe('The look-up of a connection', () => {
  const KNOWN: Record<string, readonly string[] | 'silent'> = {
    'both.example': ['93.184.216.34', '2606:4700:4700::1111'],
    'four.example': ['93.184.216.34'],
    'six.example': ['2606:4700:4700::1111'],
    'mixed.example': ['93.184.216.34', '10.0.0.1'],
    'mixed6.example': ['93.184.216.34', '::1'],
    'inside.example': ['127.0.0.1'],
    'empty.example': [],
    'silent.example': 'silent',
  };
  let names: NameServer;
  beforeAll(async () => {
    names = await startNameServer((name) => KNOWN[name]);
  });
  afterAll(() => names?.stop());

  const lookup = createPublicLookup(() => {
    const resolver = new Resolver({ timeout: 200, tries: 2 });
    resolver.setServers([names.address]);
    return resolver;
  });
  const lookUp = (name: string, all: boolean) =>
    new Promise<string>((resolve) => {
      lookup(name, { all }, (error, address) => resolve(error ? error.message : JSON.stringify(address)));
    });

  test.each(['localhost', 'inside.example', 'mixed.example', 'mixed6.example'])(
    'refuses %s, of which an address is not public',
    async (name) => {
      for (const all of [true, false])
        expect(await lookUp(name, all)).toBe(`${name} has an address outside the public internet`);
    },
  );

  test.each(['2130706433', '0x7f000001', '0177.0.0.1', '127.1'])(
    'refuses %s, which some system resolvers understand',
    async (name) => {
      expect(await lookUp(name, true)).toMatch(/outside the public internet|cannot be looked up/);
    },
  );

  test.each([
    ['unknown.example', 'ENOTFOUND'],
    ['empty.example', 'ENODATA'],
    ['silent.example', 'ETIMEOUT'],
  ])('says why %s cannot be looked up: %s', async (name, code) => {
    expect(await lookUp(name, true)).toBe(`${name} cannot be looked up (${code})`);
  });

  test('lets public addresses of both families through as they are asked for', async () => {
    const four = { address: '93.184.216.34', family: 4 };
    const six = { address: '2606:4700:4700::1111', family: 6 };
    expect(JSON.parse(await lookUp('both.example', true))).toEqual([four, six]);
    expect(JSON.parse(await lookUp('four.example', true))).toEqual([four]);
    expect(JSON.parse(await lookUp('six.example', true))).toEqual([six]);
    expect(await lookUp('both.example', false)).toBe('"93.184.216.34"');
  });
});

describe('A client id is the address of a metadata document', () => {
  test.each([
    'https://client.example/oauth/client.json',
    'https://client.example/a',
    'https://client.example:8443/client.json',
    'https://client.example/client.json?version=2',
    'https://xn--bcher-kva.example/client.json',
    // The root of a host is a path too, though not a recommended one (draft-…-02 §3).
    'https://client.example/',
    'https://client.example/?client.json',
  ])('%s', (id) => {
    expect(clientIdUrl(id)?.href).toBe(id);
  });

  test.each([
    ['https://client.example:443/client.json', 'https://client.example/client.json'],
    ['https://client.example:443/', 'https://client.example/'],
    ['https://client.example:443/a?at=:443/', 'https://client.example/a?at=:443/'],
  ])('%s, with the default port, which makes it another client than without (draft-…-02 §3)', (id, href) => {
    expect(clientIdUrl(id)?.href).toBe(href);
  });

  test.each([
    ['with http:', 'http://client.example/client.json'],
    ['without a path', 'https://client.example'],
    ['with a query in place of a path', 'https://client.example?client.json'],
    ['with the default port and no path', 'https://client.example:443'],
    ['with the default port twice', 'https://client.example:443:443/client.json'],
    ['with another spelling of the default port', 'https://client.example:0443/client.json'],
    ['with the default port of another scheme, spelled with a zero', 'https://client.example:080/client.json'],
    ['with an empty port', 'https://client.example:/client.json'],
    ['with the default port behind an IPv6 address', 'https://[::1]:443/client.json'],
    ['with the default port behind a host in upper case', 'https://CLIENT.example:443/client.json'],
    ['with the default port behind a user', 'https://user@client.example:443/client.json'],
    ['with a fragment', 'https://client.example/client.json#x'],
    ['with an empty fragment', 'https://client.example/client.json#'],
    ['with a user', 'https://user@client.example/client.json'],
    ['with a password', 'https://:secret@client.example/client.json'],
    ['with dot segments', 'https://client.example/a/../client.json'],
    ['with a single dot', 'https://client.example/./client.json'],
    ['with encoded dots', 'https://client.example/a/%2e%2E/client.json'],
    ['with an encoded dot after another', 'https://client.example/a/.%2e/client.json'],
    ['with a backslash', 'https://client.example\\client.json'],
    ['with a space', 'https://client.example/client .json'],
    ['with a line break', 'https://client.example/client\n.json'],
    ['with a host in upper case', 'https://CLIENT.example/client.json'],
    ['with a host that ends in a dot', 'https://client.example./client.json'],
    ['with an IPv4 address', 'https://127.0.0.1/client.json'],
    ['with a public IPv4 address', 'https://8.8.8.8/client.json'],
    ['with an IPv6 address', 'https://[::1]/client.json'],
    ['with a mapped IPv6 address', 'https://[::ffff:7f00:1]/client.json'],
    ['with a decimal host', 'https://2130706433/client.json'],
    ['with a hexadecimal host', 'https://0x7f000001/client.json'],
    ['with an octal host', 'https://0177.0.0.1/client.json'],
    ['with a short host', 'https://127.1/client.json'],
    ['with full-width digits', 'https://１２７.0.0.1/client.json'],
    ['of more than 2,000 characters', `https://client.example/${'x'.repeat(2_000)}`],
    ['that is none', 'dcr_abc'],
  ])('not one %s', (_what, id) => {
    expect(clientIdUrl(id)).toBeUndefined();
  });
});

describe('The client id in a document', () => {
  test('the default port is part of the client_id, and of the document', () => {
    const read = (asked: string, named: string) =>
      documentMetadata(asked, { ...PLAIN_DOCUMENT, client_id: named }, []).metadata.client_id;
    const [plain, withPort] = ['https://client.example/client.json', 'https://client.example:443/client.json'];
    expect([read(plain, plain), read(withPort, withPort)]).toEqual([plain, withPort]);
    expect(() => read(withPort, plain)).toThrow('its client_id is not the address');
    expect(() => read(plain, withPort)).toThrow('its client_id is not the address');
  });
});

describe('The client policy', () => {
  const documents = (metadataDocuments: object) => {
    const file = ConfigFile.parse({
      resources: [{ indicator: 'https://a.example', name: 'A', scopes: { use: 'Use' }, defaultScopes: ['use'] }],
      defaultResource: 'https://a.example',
      clientPolicy: { metadataDocuments },
    });
    // Whether a host is let in is decided before anything is read.
    const budget = createFetchBudget(file.clientPolicy.metadataDocuments, {} as NamedLimiter);
    return createClientDocuments({} as DurableStore, file.clientPolicy, budget);
  };
  const allowed = (policy: object, host: string) => documents(policy).handles(`https://${host}/client.json`);

  test('lets every host in when nothing is listed', () => {
    expect(allowed({}, 'client.example')).toBe(true);
  });

  test('lets nobody in when documents are switched off', () => {
    expect(allowed({ enabled: false }, 'client.example')).toBe(false);
  });

  test('with an allow list lets in what is listed, exactly or below a star, and nothing else', () => {
    const policy = { allowHosts: ['client.example', '*.vendor.example'] };
    expect(allowed(policy, 'client.example')).toBe(true);
    expect(allowed(policy, 'a.b.vendor.example')).toBe(true);
    for (const host of [
      'vendor.example',
      'evilvendor.example',
      'vendor.example.evil.example',
      'client.example:8443',
      'sub.client.example',
    ])
      expect(`${host} ${allowed(policy, host)}`).toBe(`${host} false`);
  });

  test('refuses a denied host on every port, also when it is allowed elsewhere', () => {
    const policy = { allowHosts: ['*.example', '*.example:8443'], denyHosts: ['evil.example', '*.bad.example'] };
    expect(allowed(policy, 'good.example')).toBe(true);
    for (const host of ['evil.example', 'evil.example:8443', 'a.bad.example', 'a.bad.example:8443', 'evil.example.'])
      expect(`${host} ${allowed(policy, host)}`).toBe(`${host} false`);
  });

  test('an empty allow list allows nobody', () => {
    expect(allowed({ allowHosts: [] }, 'client.example')).toBe(false);
    expect(isListed([], 'client.example')).toBe(false);
  });
});
