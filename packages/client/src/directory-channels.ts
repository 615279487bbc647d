import type { DirectoryChannel, DirectoryGroup } from '@tickerplant/status';

/** Whether two directories list the same channels, in the same order. */
export function sameChannels(a: readonly DirectoryChannel[], b: readonly DirectoryChannel[]): boolean {
  return a === b || sameLists(a, b, sameChannel);
}

/** Whether two channels are found in the same groups. */
export function sameGroups(a: DirectoryChannel, b: DirectoryChannel): boolean {
  return a.groups === b.groups || sameLists(a.groups, b.groups, sameGroup);
}

function sameChannel(a: DirectoryChannel, b: DirectoryChannel): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.session === b.session &&
    sameLists(a.services, b.services, Object.is) &&
    sameGroups(a, b)
  );
}

function sameGroup(a: DirectoryGroup, b: DirectoryGroup): boolean {
  return a.group === b.group && a.port === b.port && sameLists(a.sources ?? [], b.sources ?? [], Object.is);
}

function sameLists<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((each, index) => same(each, b[index]!));
}
