namespace OrgGateway.Tests.Chaos;

/// <summary>A fault meets requests that are under way: what happens to them is the fault's doing.</summary>
public sealed class FaultTableTests
{
    private readonly FaultTable _table = new();
    private readonly FaultPhase _between = new("between") { IsFault = false };
    private readonly FaultPhase _fault = new("a fault");

    [Fact]
    public void A_request_that_a_fault_meets_on_its_way_counts_in_the_fault()
    {
        var begun = _table.Begin(_between);
        _table.Begin(_fault);
        _table.Ended(begun).Failed("503", "on its way");
        Assert.Equal((0, 1, 0, 1), (_between.Requests, _fault.Requests, _between.Failures.Count, _fault.Failures.Count));
    }

    [Fact]
    public void A_request_of_a_fault_counts_there_however_late_it_ends()
    {
        var begun = _table.Begin(_fault);
        _table.Begin(_between);
        _table.Ended(begun).Failed("503", "begun in the fault");
        Assert.Equal((0, 1), (_between.Requests, _fault.Requests));
    }

    [Fact]
    public void A_request_that_meets_no_fault_counts_between_them()
    {
        var begun = _table.Begin(_between);
        _table.Ended(begun).Failed("503", "without a fault");
        Assert.Equal((1, 0), (_between.Requests, _fault.Requests));
    }
}
