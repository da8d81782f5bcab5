// Whether the page is as narrow as the style sheets' one column, for what style sheets cannot tell apart.
export const NARROW = matchMedia("(max-width: 45rem)");
