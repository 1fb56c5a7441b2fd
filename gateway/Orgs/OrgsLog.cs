namespace OrgGateway.Orgs;

public static partial class OrgsLog
{
    [LoggerMessage(3000, LogLevel.Warning, "The organization look-up service gave no usable answer: {Reason}", EventName = "DirectoryFailed")]
    public static partial void DirectoryFailed(this ILogger logger, string reason);

    [LoggerMessage(3001, LogLevel.Warning, "Claims give slug {Slug} to organization {Org}, but it was another organization's: reachable by its id only", EventName = "SlugTaken")]
    public static partial void SlugTaken(this ILogger logger, string slug, string org);

    [LoggerMessage(3002, LogLevel.Error, "A look-up of an organization failed unexpectedly", EventName = "DirectoryLookupFailed")]
    public static partial void DirectoryLookupFailed(this ILogger logger, Exception exception);
}
