using OrgGateway.Orgs;
using OrgGateway.Sessions;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionCopiesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly OrganizationCatalog Catalog = TestSessions.Catalog();
    private static readonly SessionRecord Record = TestSessions.Record(Now);

    [Fact]
    public void A_copy_is_found_until_it_is_forgotten()
    {
        var copies = new SessionCopies(100);
        var copy = Copy();
        Assert.Null(copies.Find(copy.Session.Id));
        Assert.True(copies.Put(copy.Session.Id, copy));
        Assert.Same(copy, copies.Find(copy.Session.Id));
        copies.Forget(copy.Session.Id);
        Assert.Null(copies.Find(copy.Session.Id));
        Assert.False(copy.Session.Ended);
        Assert.True(copies.Put(copy.Session.Id, Copy(copy.Session.Id)));
        Assert.NotNull(copies.Find(copy.Session.Id));
    }

    [Fact]
    public void An_end_reaches_the_copy_a_reference_to_it_and_one_still_on_its_way()
    {
        var copies = new SessionCopies(100);
        var (known, late) = (Copy(), Copy());
        copies.Put(known.Session.Id, known);
        copies.End(known.Session.Id, Now);
        copies.End(late.Session.Id, Now);
        Assert.True(known.Session.Ended);
        Assert.Null(copies.Find(known.Session.Id));
        Assert.False(copies.Put(late.Session.Id, late));
        Assert.True(late.Session.Ended);
        Assert.Null(copies.Find(late.Session.Id));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void There_are_never_more_copies_than_the_limit_and_those_in_use_stay(int limit)
    {
        var copies = new SessionCopies(limit);
        var used = Copy();
        copies.Put(used.Session.Id, used);
        var all = new List<SessionId>();
        for (var i = 0; i < limit * 5; i++)
        {
            var copy = Copy();
            copies.Put(copy.Session.Id, copy);
            all.Add(copy.Session.Id);
            Assert.NotNull(copies.Find(used.Session.Id));
        }
        // From the end: looking an old one up makes it young.
        all.Reverse();
        var found = all.Take(limit * 2).TakeWhile(id => copies.Find(id) is not null).Count();
        Assert.InRange(found, (limit / 2) - 2, limit + 1);
    }

    [Fact]
    public void Many_threads_keep_to_the_limit()
    {
        var copies = new SessionCopies(1000);
        var ids = new System.Collections.Concurrent.ConcurrentBag<SessionId>();
        Parallel.For(0, 20_000, _ =>
        {
            var copy = Copy();
            copies.Put(copy.Session.Id, copy);
            ids.Add(copy.Session.Id);
        });
        // Half the limit and a copy a thread may slip in while the generations turn; a look-up adds none that was not there.
        Assert.InRange(ids.Count(id => copies.Find(id) is not null), 1, 1000 + (2 * Environment.ProcessorCount));
    }

    [Fact]
    public void Whoever_wins_the_race_a_session_that_ended_is_not_found()
    {
        var copies = new SessionCopies(100);
        var copy = Copy();
        Race(
            prepare: round =>
            {
                copy = Copy();
                if (round % 2 == 0)
                    copies.Put(copy.Session.Id, copy);
            },
            check: () =>
            {
                Assert.Null(copies.Find(copy.Session.Id));
                Assert.True(copy.Session.Ended);
            },
            () => copies.Put(copy.Session.Id, copy),
            () => copies.End(copy.Session.Id, Now),
            () => Crowd(copies, 60, copy.Session.Id)); // turns the generations, and moves the copy between them
    }

    [Fact]
    public void A_look_up_at_the_same_time_does_not_bring_a_forgotten_copy_back()
    {
        var copies = new SessionCopies(100);
        var copy = Copy();
        Race(
            prepare: _ =>
            {
                copy = Copy();
                copies.Put(copy.Session.Id, copy);
                Crowd(copies, 55, default); // until it stands in the old generation
            },
            check: () => Assert.Null(copies.Find(copy.Session.Id)),
            () => copies.Find(copy.Session.Id),
            () => copies.Forget(copy.Session.Id),
            () => copies.Find(copy.Session.Id));
    }

    [Fact]
    public void Ends_by_the_hundred_thousand_do_not_search_through_each_other()
    {
        var copies = new SessionCopies(100);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
            copies.End(SessionId.New(out _), Now.AddMilliseconds(i / 10));
        // A search at every end takes minutes; this takes well under a second.
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private static void Crowd(SessionCopies copies, int count, SessionId among)
    {
        for (var i = 0; i < count; i++)
        {
            var other = Copy();
            copies.Put(other.Session.Id, other);
            copies.Find(among);
        }
    }

    // Each racer has a thread of its own and starts each round with the others.
    private static void Race(Action<int> prepare, Action check, params Action[] racers)
    {
        const int Rounds = 5_000;
        using var line = new Barrier(racers.Length + 1);
        using var stop = new CancellationTokenSource();
        var threads = racers.Select(racer => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                try
                {
                    line.SignalAndWait(stop.Token);
                    racer();
                    line.SignalAndWait(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                prepare(round);
                line.SignalAndWait(TimeSpan.FromSeconds(30));
                line.SignalAndWait(TimeSpan.FromSeconds(30));
                check();
            }
        }
        finally
        {
            stop.Cancel();
            threads.ForEach(thread => thread.Join());
        }
    }

    private static SessionCopy Copy() => Copy(SessionId.New(out _));

    private static SessionCopy Copy(SessionId id) => new(new Session(id, Record, Catalog), 1, Now, Now);
}
