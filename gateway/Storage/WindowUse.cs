namespace OrgGateway.Storage;

/// <summary>One use of an allowance: so much in a window of time.</summary>
/// <param name="Sliding">Whether what was used in the window before still counts, less and less; else each window starts anew.</param>
/// <param name="Always">Counted also beyond the limit: for what was used up already.</param>
public readonly record struct WindowUse(int Limit, TimeSpan Window, int Cost, bool Sliding, bool Always = false);

/// <summary>What came of it.</summary>
/// <param name="Answered">False when the store is unavailable; then nothing else counts.</param>
/// <param name="Remaining">What is left now, never below zero.</param>
/// <param name="Resets">Until the window's end.</param>
/// <param name="RetryAfter">Until the same use would be allowed; zero when it was.</param>
public readonly record struct WindowAnswer(bool Answered, bool Allowed, int Remaining, TimeSpan Resets, TimeSpan RetryAfter)
{
    public static WindowAnswer Unavailable => default;
}
