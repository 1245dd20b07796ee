/** Of one instruction of classic BPF. @see https://www.kernel.org/doc/Documentation/networking/filter.txt */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const RETURN = 0x06;

/** Of `struct seccomp_data`, in bytes. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;

const ALLOW = 0x7fff_0000;
/** SECCOMP_RET_ERRNO with ENOSYS: as on a kernel that has no keyrings. */
const REFUSE = 0x0005_0000 | 38;

/** add_key, request_key and keyctl, by the kernel's AUDIT_ARCH. */
const keyringCalls: readonly (readonly [number, readonly number[]])[] = [
  [0xc000_003e, [248, 249, 250]],
  [0x4000_0003, [286, 287, 288]],
  [0xc000_00b7, [217, 218, 219]],
  [0x4000_0028, [309, 310, 311]],
  [0xc000_00f3, [217, 218, 219]],
];
/** Calls of x32 carry this bit on x86-64; nothing of today needs them. */
const X86_64 = 0xc000_003e;
const X32_BIT = 0x4000_0000;

/**
 * A seccomp filter that takes the kernel's keyrings away: they belong to a login session and not to a
 * namespace, so a sandboxed program would inherit Usher's.
 */
export function keyringFilter(): Buffer {
  const program = [instruction(LOAD_WORD, ARCHITECTURE_AT)];
  for (const [architecture, calls] of keyringCalls) {
    const body = [
      instruction(LOAD_WORD, NUMBER_AT),
      ...(architecture === X86_64
        ? [instruction(JUMP_IF_AT_LEAST, X32_BIT, 0, 1), instruction(RETURN, REFUSE)]
        : []),
      ...calls.flatMap((call) => [
        instruction(JUMP_IF_EQUAL, call, 0, 1),
        instruction(RETURN, REFUSE),
      ]),
      instruction(RETURN, ALLOW),
    ];
    program.push(instruction(JUMP_IF_EQUAL, architecture, 0, body.length), ...body);
  }
  // An architecture that is not listed: left as it is, as the filter is one of several walls.
  program.push(instruction(RETURN, ALLOW));
  return Buffer.concat(program);
}

function instruction(code: number, value: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
