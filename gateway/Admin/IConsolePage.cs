namespace OrgGateway.Admin;

/// <summary>A page of the console, for who has signed in to it.</summary>
public interface IConsolePage
{
    /// <summary>Below <c>/console/</c>; empty for the first page.</summary>
    string Path { get; }

    string Title { get; }

    /// <summary>Whether it shows something that changes by itself and holds no form that a refresh would empty.</summary>
    bool Refreshes { get; }

    /// <param name="request">Its query is the page's own filter and place.</param>
    Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken);

    /// <summary>What forms of this page post to <c>/console/{Path}/{action}</c>; the form was checked before.</summary>
    /// <returns>A sentence for the next page, or null for an action that is unknown.</returns>
    Task<string?> ActAsync(string action, IFormCollection form, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
