import type { Floor } from '@tickerplant/floor';
import { type HandlerShellOptions, openShell, type Place, placeIn } from './handler-shell.ts';
import type { InteractiveProtocol } from './interactive-protocol.ts';
import { RecordTable } from './record-table.ts';
import { RecordItems } from './unpositioned-items.ts';
import { type UnpositionedHandlerProcess, UnpositionedShell } from './unpositioned-shell.ts';
import { VendorShell } from './vendor-shell.ts';

/**
 * Runs a handler of an interactive feed of a floor: connects to the vendor, requests the floor file's symbols, keeps
 * their values, publishes them on the feed network while it is primary, and tells the status group how things stand.
 *
 * @param memberName the feed's name, or that of one of its standbys: `page-2`.
 * @throws TickerError `FLOOR_NO_FEED`; whatever the sockets say: `MULTICAST_…`
 */
export async function startInteractiveHandler(
  floor: Floor,
  memberName: string,
  protocol: InteractiveProtocol,
  options: HandlerShellOptions,
): Promise<UnpositionedHandlerProcess> {
  return openShell(new InteractiveShell(floor, placeIn(floor, memberName), protocol, options));
}

class InteractiveShell extends UnpositionedShell {
  readonly #protocol: InteractiveProtocol;
  #vendor: VendorShell | undefined;

  constructor(floor: Floor, place: Place, protocol: InteractiveProtocol, options: HandlerShellOptions) {
    super(floor, place, protocol.name, options);
    this.#protocol = protocol;
  }

  async open(): Promise<void> {
    const { feed, clock, registry, quarantine } = this;
    // Vendors send what has changed, and field by field it goes on.
    await this.openOutputs([], false);
    const values = new RecordTable(feed.symbols.length, this.#protocol.fids);
    const service = Object.values(this.outputs.services)[0]!;
    const member = this.createMember(new RecordItems(service, feed.symbols, values));
    const vendor = new VendorShell(
      {
        servers: feed.servers,
        clock,
        onTime: (nowNs) => member.at(nowNs),
        onWorked: () => this.scheduleFlush(),
        onLost: (server, why) => this.vendorLost(`${server.address}:${server.port}: ${why}`),
      },
      (link) =>
        this.#protocol.createSession({
          symbols: feed.symbols,
          user: feed.user,
          values,
          link,
          registry,
          listener: {
            onAccepted: () => {
              vendor.accepted();
              this.vendorAccepted();
            },
            onImage: (row) => member.onImage(row),
            onUpdate: (row, fields) => member.onUpdate(row, fields),
            onStatus: (row, state) => member.onStatus(row, state),
          },
          fault: (code, message, bytes, start, end) =>
            quarantine.put(clock.wallNs(), code, message, bytes.subarray(start, end), {
              server: vendor.server.address,
            }),
        }),
    );
    this.#vendor = vendor;
    vendor.open();
    await this.beginAndTell();
  }

  protected async closeVendor(): Promise<void> {
    await this.#vendor?.close();
  }

  protected override tick(): void {
    super.tick();
    this.#vendor!.tick();
  }
}
