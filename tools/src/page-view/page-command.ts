/** To leave. */
export const EXIT = 'exit';

/** What a key asks for beyond the model: to leave, to go back, to go to a page; undefined: nothing. */
export type PageCommand = typeof EXIT | 'back' | { readonly go: string } | undefined;
