/** The page that opens a store in a browser. This file is another one in the executable, where it holds the page. */
export const builtInPage: string | undefined = undefined;
