namespace OrgGateway.SignIn;

/// <summary>Paths below <c>Gateway:AuthPath</c>.</summary>
public static class SignInPaths
{
    public const string Login = "/login";
    public const string SignIn = "/sign-in";
    public const string Callback = "/callback";
    public const string Logout = "/logout";
    public const string SignedOut = "/signed-out";
    public const string Error = "/error";
    public const string Session = "/session";
    public const string Organizations = "/orgs";
    public const string SelectOrganization = "/select-org";
    public const string KeySet = "/.well-known/jwks.json";
}
