-- Asks OrgGateway about each request: 2xx passes with the headers of the answer, everything else is the answer.
local gateway = os.getenv("ORGGATEWAY_VERIFY") or "http://127.0.0.1:8080/auth/verify"
local identity = {
  "x-auth-type", "x-auth-user-id", "x-auth-user-email", "x-auth-user-name", "x-auth-issuer", "x-auth-org-id",
  "x-auth-org-slug", "x-auth-roles", "x-auth-permissions", "x-auth-key-id", "x-auth-reference", "x-auth-assertion", "authorization",
}
local asked = { "cookie", "authorization", "x-api-key", "accept", "origin", "upgrade", "host", "sec-fetch-mode", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto" }

local function answer(txn, status, headers, body)
  local reply = txn:reply()
  reply:set_status(status)
  for _, name in ipairs({ "location", "set-cookie", "www-authenticate", "retry-after", "content-type", "cache-control" }) do
    for _, value in pairs(headers[name] or {}) do reply:add_header(name, value) end
  end
  reply:set_body(body or "")
  txn:done(reply)
end

core.register_action("verify", { "http-req" }, function(txn)
  local given = txn.http:req_get_headers()
  local headers = {}
  for _, name in ipairs(asked) do
    if given[name] then
      local all = {}
      for i = 0, #given[name] do all[#all + 1] = given[name][i] end
      headers[name] = all
    end
  end
  headers["x-forwarded-uri"] = { txn.sf:pathq() }
  headers["x-forwarded-method"] = { txn.sf:method() }
  local reply = core.httpclient():get({ url = gateway, headers = headers, timeout = 10000 })
  if not reply or not reply.status or reply.status == 0 then
    return answer(txn, 503, {}, "")
  end
  if reply.status < 200 or reply.status > 299 then
    return answer(txn, reply.status, reply.headers or {}, reply.body)
  end
  for _, name in ipairs(identity) do
    txn.http:req_del_header(name)
    local value = reply.headers[name] and reply.headers[name][0]
    if value and value ~= "" then txn.http:req_set_header(name, value) end
  end
end, 0)
