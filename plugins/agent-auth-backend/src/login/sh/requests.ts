/** Checks values and sends requests. Secrets go to other programs on their standard input only. */
export const requestsSh = String.raw`# Whether all characters of $1 can be in a token; there has to be one.
is_token() {
  case $1 in
    '' | *[!A-Za-z0-9._~-]*) return 1 ;;
  esac
}

is_url() {
  case $1 in
    *[!A-Za-z0-9._~:/@!,\;?\&=%+#-]*) return 1 ;;
    http://?* | https://?*) return 0 ;;
  esac
  return 1
}

# The whole number $1, or $2 when it is none, at most $3.
number() {
  case $1 in
    '' | *[!0-9]* | ?????????????*) echo "$2" ;;
    *) if [ "$1" -gt "$3" ]; then echo "$3"; else echo "$1"; fi ;;
  esac
}

encode() {
  printf '%s' "$1" | sed 's/%/%25/g; s/ /%20/g; s/:/%3A/g; s,/,%2F,g; s/?/%3F/g; s/#/%23/g; s/&/%26/g; s/=/%3D/g; s/+/%2B/g; s/@/%40/g; s/;/%3B/g'
}

# Sends the form in $2 to the endpoint $1; the answer is then in $STATUS and $BODY.
# Fails when there is none.
post() {
  answer=$(printf '%s' "$2" | curl --silent --show-error --connect-timeout 10 --max-time 30 \
    --max-filesize 16384 --header 'Accept: application/json' --write-out '\n%{http_code}' \
    --data @- "$ISSUER/oauth/$1" 2>&1)
  curl_code=$?
  if [ "$curl_code" -ne 0 ]; then
    STATUS=0
    BODY=
    PROBLEM=$(printf '%s' "$answer" | plain)
    return 1
  fi
  STATUS=$(printf '%s\n' "$answer" | sed -n '$p')
  BODY=$(printf '%s\n' "$answer" | sed '$d')
  PROBLEM=
}

unreachable() {
  fail "$ISSUER cannot be reached. Check the network (VPN, proxy) and run this again. $PROBLEM"
}

refused() {
  if [ "$STATUS" = 404 ]; then
    fail "There is no sign-in at $ISSUER (HTTP 404). Its address may have changed: get this script again from the portal."
  fi
  description=$(field error_description | plain)
  [ -n "$description" ] || description=$(field error | plain)
  [ -n "$description" ] || description='It gave no reason; run this again later, or ask the administrators of the portal.'
  fail "$ISSUER refused (HTTP $STATUS): $description"
}

form() {
  FORM="client_id=$(encode "$CLIENT_ID")"
  [ -z "$RESOURCE" ] || FORM="$FORM&resource=$(encode "$RESOURCE")"
}
`;
