// Test files run side by side as processes: each takes its ports from a range chosen by its process id, below
// the kernel's range for outgoing connections (32768 and up).
const FIRST = 20_000;
const PER_PROCESS = 40;
const RANGES = 300;
let next = FIRST + (process.pid % RANGES) * PER_PROCESS;

/** `count` ports that no other test process of the run uses. */
export function testPorts(count: number): number[] {
  return Array.from({ length: count }, () => next++);
}
