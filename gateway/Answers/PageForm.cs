namespace OrgGateway.Answers;

/// <summary>A form of one field, sent by GET; it works without script.</summary>
/// <param name="Hidden">Fields that go along unseen.</param>
/// <param name="Error">What is wrong with the value, read out with the field.</param>
public sealed record PageForm(string Action, PageField Field, string Submit, IReadOnlyList<KeyValuePair<string, string>> Hidden, string? Error = null);

/// <param name="Type">As in HTML, such as <c>email</c>.</param>
/// <param name="Autocomplete">As in HTML, such as <c>username</c>.</param>
public sealed record PageField(string Name, string Label, string Type, string Autocomplete, string Value = "");
