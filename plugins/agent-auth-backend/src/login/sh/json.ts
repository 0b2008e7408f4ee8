/** Reads answers: a reader for JSON in awk, as not every machine has one. */
export const jsonSh = String.raw`# The value of a member of the JSON object in $BODY; nothing when there is none.
field() {
  printf '%s\n' "$BODY" | LC_ALL=C awk -v KEY="$1" '
    function skip() { while (substr(text, i, 1) ~ /[ \t\r]/) i++ }
    function hex(digits,   k, sum) {
      sum = 0
      for (k = 1; k <= 4; k++)
        sum = sum * 16 + index("0123456789abcdef", tolower(substr(digits, k, 1))) - 1
      return sum
    }
    function string(   out, c, code) {
      out = ""
      for (i++; i <= n; i++) {
        c = substr(text, i, 1)
        if (c == "\"") { i++; return out }
        if (c != "\\") { out = out c; continue }
        c = substr(text, ++i, 1)
        if (c == "u") {
          code = hex(substr(text, i + 1, 4))
          i += 4
          c = code >= 32 && code < 127 ? sprintf("%c", code) : "?"
        } else if (c !~ /["\\\/]/) c = " "
        out = out c
      }
      broken = 1
      return ""
    }
    function nested(   depth, c) {
      depth = 0
      while (i <= n) {
        c = substr(text, i, 1)
        if (c == "\"") { string(); continue }
        i++
        if (c == "{" || c == "[") depth++
        if (c == "}" || c == "]") if (--depth == 0) return
      }
      broken = 1
    }
    { text = text $0 " " }
    END {
      n = length(text); i = 1; broken = 0
      if (n > 20000) exit
      skip()
      if (substr(text, i++, 1) != "{") exit
      for (;;) {
        skip()
        if (substr(text, i, 1) != "\"") exit
        name = string()
        skip()
        if (substr(text, i++, 1) != ":") exit
        skip()
        c = substr(text, i, 1)
        value = ""
        if (c == "\"") value = string()
        else if (c == "{" || c == "[") nested()
        else while (i <= n && (c = substr(text, i, 1)) !~ /[],} \t\r]/) { value = value c; i++ }
        if (broken) exit
        if (name == KEY) { print value; exit }
        skip()
        if (substr(text, i++, 1) != ",") exit
      }
    }'
}
`;
