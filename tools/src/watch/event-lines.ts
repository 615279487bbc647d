import type { FloorEvent, SubscriptionEvent } from '@tickerplant/client';
import { type FieldDictionary, type FieldValue, jsonValue } from '@tickerplant/records';

/**
 * An event as one line of JSON; undefined for those that say nothing by themselves (a new item, whose image
 * follows).
 *
 * @param wanted names of the fields to print; undefined: all.
 */
export function eventLine(
  event: SubscriptionEvent,
  dictionary: FieldDictionary,
  wanted: ReadonlySet<string> | undefined,
): string | undefined {
  switch (event.event) {
    case 'item':
      return undefined;
    case 'image': {
      const { item, seq, state, values, possibleDuplicate, conflated } = event;
      return JSON.stringify({
        event: 'image',
        subject: item.subject,
        seq,
        ...(conflated === 0 ? {} : { conflated }),
        ...(possibleDuplicate ? { possibleDuplicate } : {}),
        quality: state.name,
        reason: state.reason,
        fields: fieldsJson(values, dictionary, wanted),
        // As it is now: a page is the same object all the time.
        ...(item.page === undefined ? {} : { page: item.toJSON().page }),
      });
    }
    case 'update': {
      const { update } = event;
      return JSON.stringify({
        event: 'update',
        subject: update.subject,
        seq: update.seq,
        type: update.type,
        ...(update.possibleDuplicate ? { possibleDuplicate: true } : {}),
        quality: update.state.name,
        reason: update.state.reason,
        fields: fieldsJson(update.values(), dictionary, wanted),
        ...(update.cells === undefined ? {} : { cells: update.toJSON().cells }),
      });
    }
    case 'quality': {
      const { item, state } = event;
      const { name, reason, detail } = state;
      return JSON.stringify({ event: 'quality', subject: item.subject, seq: item.seq, quality: name, reason, detail });
    }
    case 'remove':
      return JSON.stringify({ event: 'remove', subject: event.item.subject, seq: event.item.seq });
    case 'gap':
      return JSON.stringify({ event: 'gap', ...event.notice });
    case 'overrun':
      return JSON.stringify({ event: 'overrun', items: event.items.size, gaps: event.gaps.length + event.gapsOmitted });
  }
}

/** What happens to the floor, as one line of JSON; times are nanoseconds since 1970, as text. */
export function floorEventLine(event: FloorEvent): string {
  return JSON.stringify({ ...event, at: String(event.at) });
}

/** The same for people. */
export function floorEventText(event: FloorEvent): string {
  switch (event.event) {
    case 'takeover': {
      const gap = event.gapMs === undefined ? '' : `, the stream paused for ${Math.round(event.gapMs)} ms at most`;
      return `${event.to} has taken over from ${event.from}${gap}`;
    }
    case 'server': {
      const what = event.serves === 'images' ? 'images come from' : 'repair is asked of';
      return `${what} ${event.to ?? 'nobody'}: ${event.why}`;
    }
    case 'line':
      return `channel ${event.channel} is ${event.heard ? 'heard' : 'not heard'} on ${event.group} (${event.plant ?? 'plant unknown'})`;
  }
}

function fieldsJson(
  values: Iterable<readonly [string, FieldValue]>,
  dictionary: FieldDictionary,
  wanted: ReadonlySet<string> | undefined,
): Record<string, null | number | string> {
  const json: Record<string, null | number | string> = {};
  for (const [name, value] of values) {
    if (wanted === undefined || wanted.has(name)) json[name] = jsonValue(dictionary, dictionary.byName(name), value);
  }
  return json;
}
