namespace OrgGateway.Answers;

/// <param name="IsMain">The way on that most people want.</param>
public sealed record PageLink(string Href, string Text, string? Note = null, bool IsMain = false);

/// <summary>A button that posts, for what a link must not do (sign out from a foreign page).</summary>
public sealed record PageButton(string Action, string Text);

/// <summary>Content of one of the gateway's own pages. All of it is text: the layout escapes every part.</summary>
public sealed record PageBody
{
    public IReadOnlyList<string> Paragraphs { get; init; } = [];
    public IReadOnlyList<PageLink> Links { get; init; } = [];
    public PageForm? Form { get; init; }
    public PageButton? Button { get; init; }

    /// <summary>Reference number that support finds in the log.</summary>
    public string? Reference { get; init; }
}
