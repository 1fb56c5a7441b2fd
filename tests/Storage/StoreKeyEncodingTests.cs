using OrgGateway.Storage;

namespace OrgGateway.Tests.Storage;

public sealed class StoreKeyEncodingTests
{
    /// <summary>An encoder turns each half of a surrogate pair that stands alone into U+FFFD, and so makes one field of many.</summary>
    [Fact]
    public void Fields_that_are_not_well_formed_text_have_names_of_their_own()
    {
        string[] fields = ["\uD800", "\uD801", "\uDC00", "\uFFFD", "a\uD800", "a\uDFFF"];
        Assert.Equal(fields.Length, fields.Select(field => StoreKey.Of("kind", field)).Distinct().Count());
    }
}
