namespace OrgGateway.Tests.Tokens;

internal static class Completed
{
    /// <summary>The outcome of what does not wait: a store in memory answers at once.</summary>
    public static T Now<T>(this ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    public static T Now<T>(this Task<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }
}
