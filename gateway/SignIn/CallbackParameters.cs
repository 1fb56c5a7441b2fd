namespace OrgGateway.SignIn;

/// <summary>The parameters of an authorization response, each at most once (RFC 6749 §3.1).</summary>
public sealed record CallbackParameters(string? State, string? Code, string? Iss, string? Error, string? ErrorDescription, bool HasTokens)
{
    private const int Longest = 4096;

    /// <returns>Null when a parameter stands twice or is beyond all measure: the response is not answered for.</returns>
    public static CallbackParameters? Read(IQueryCollection query)
    {
        foreach (var (_, values) in query)
            if (values.Count > 1 || values.ToString().Length > Longest)
                return null;
        return new(Get("state"), Get("code"), Get("iss"), Get("error"), Get("error_description"), query.ContainsKey("id_token") || query.ContainsKey("access_token"));

        string? Get(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;
    }
}
