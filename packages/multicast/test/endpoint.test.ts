import t from 'tap';
import { formatEndpoint, isMulticastAddress, parseEndpoint, resolveInterface } from '../src/index.ts';

t.test('endpoint - a group and port read back as written', async (t) => {
  const endpoint = parseEndpoint('239.255.1.1:20001');
  t.same(endpoint, { group: '239.255.1.1', port: 20001 });
  t.equal(formatEndpoint(endpoint), '239.255.1.1:20001');
});

t.test('endpoint - each way to be wrong has its code', async (t) => {
  for (const [text, code] of [
    ['239.255.1.1', 'MULTICAST_BAD_ENDPOINT'],
    ['239.255.1.1:', 'MULTICAST_BAD_ENDPOINT'],
    ['239.255.1.1:-1', 'MULTICAST_BAD_ENDPOINT'],
    ['[ff02::1]:1', 'MULTICAST_BAD_ENDPOINT'],
    ['10.0.0.1:20001', 'MULTICAST_BAD_GROUP'],
    ['239.255.1:20001', 'MULTICAST_BAD_GROUP'],
    ['239.255.1.256:20001', 'MULTICAST_BAD_GROUP'],
    [':20001', 'MULTICAST_BAD_GROUP'],
    ['239.255.1.1:0', 'MULTICAST_BAD_PORT'],
    ['239.255.1.1:65536', 'MULTICAST_BAD_PORT'],
  ] as const) {
    t.throws(() => parseEndpoint(text), { code }, text);
  }
});

t.test('endpoint - multicast is 224.0.0.0 to 239.255.255.255', async (t) => {
  for (const address of ['224.0.0.0', '232.1.1.1', '239.255.255.255']) t.ok(isMulticastAddress(address), address);
  for (const address of ['223.255.255.255', '240.0.0.0', 'ff02::1', 'host', '']) {
    t.notOk(isMulticastAddress(address), address);
  }
});

const ipv4 = (address: string) =>
  ({ address, family: 'IPv4', netmask: '', mac: '', internal: false, cidr: null }) as const;
const ipv6 = (address: string) =>
  ({ address, family: 'IPv6', netmask: '', mac: '', internal: false, cidr: null, scopeid: 0 }) as const;
const HOST = {
  lo: [ipv4('127.0.0.1'), ipv6('::1')],
  feed0: [ipv6('fe80::1'), ipv4('10.1.2.3')],
  bare: [ipv6('fe80::2')],
};

t.test('interface - found by name or by address', async (t) => {
  t.equal(resolveInterface('feed0', HOST), '10.1.2.3');
  t.equal(resolveInterface('10.1.2.3', HOST), '10.1.2.3');
  t.equal(resolveInterface('127.0.0.1'), '127.0.0.1');
});

t.test('interface - an unknown one is answered with those that exist', async (t) => {
  for (const name of ['feed1', '10.9.9.9', 'bare', '0.0.0.0', '']) {
    t.throws(() => resolveInterface(name, HOST), {
      code: 'MULTICAST_NO_INTERFACE',
      message: /this host has: lo 127\.0\.0\.1, feed0 10\.1\.2\.3$/,
    });
  }
  t.throws(() => resolveInterface('lo', {}), { message: /this host has: none/ });
});
