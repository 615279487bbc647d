/** A small valid floor file; line numbers count in the tests. */
export const SAMPLE: string = `floor: demo
key: sixteen characters
day: 2017-07-10
networks:
  feed: { interface: 127.0.0.1, ttl: 0, status: 239.255.10.1:30000, packetBytes: 1472 }
  trading:
    interface: lo
    status: 239.255.20.1:31000
    sources: [10.0.0.1, 10.0.0.2]
limits: { heartbeatMs: 50, silentAfterMs: 1000, gapWaitMs: 0.5 }
channels:
  - { name: X1, id: 1, feed: 239.255.10.11:30011, trading: 239.255.20.11:31011 }
  - name: X2
    id: 1295
    feed: { group: 239.255.10.12:30011, sources: [10.0.0.3] }
    trading: 239.255.20.12:31012
  - { name: X3, id: 3, feed: 239.255.10.13:30013, trading: 239.255.20.13:31013 }
feeds:
  - name: itch
    protocol: itch50
    services: { records: NASDAQ, depth: NASDAQ-L2 }
    timeZone: America/New_York
    lines:
      - { name: A, group: 239.255.1.1:20001 }
      - { name: B, group: 239.255.1.2:20001, interface: eth0, sources: [10.0.0.9] }
    requestServers: ["127.0.0.1:20100"]
    firstSequence: first-seen
    channels:
      records: { hash: [X1, X2] }
      depth:
        ranges:
          - { from: A, to: MZZZ, channel: X1 }
          - { from: N, to: "TRUE", channel: X2 }
        otherwise: X2
    repair: 127.0.0.1:30100
    ringBytes: 1MiB
  - name: iex
    protocol: iex-tops
    services: { records: IEX }
    lines: [{ name: A, group: 239.255.2.1:20001 }]
    channels:
      records: { lists: [{ symbols: [SPY, QQQ], channel: X3 }], otherwise: X3 }
    repair: 127.0.0.1:30200
plants:
  - { name: p1, control: 127.0.0.1:32001, repair: 127.0.0.1:32002 }
simulators:
  - { name: sim, protocol: itch50, feed: itch, rate: 5000, loss: { B: 0.2 }, requestServer: 127.0.0.1:20100 }
`;

/** Facts about the protocols named in the sample. */
export const PROTOCOLS: Readonly<Record<string, { services: readonly string[]; simulated: boolean }>> = {
  itch50: { services: ['records', 'depth'], simulated: true },
  'iex-tops': { services: ['records'], simulated: false },
};
