namespace Meshia.Client.Tests;

/// <summary>How well 16 processes use one budget, and how long a stop waits meanwhile: six minutes of a clock that a test moves.</summary>
public sealed class SharedUseTests(ITestOutputHelper output)
{
    private const int Window = 60_000;
    private const int Windows = 6;
    private const int Processes = 16;
    private const int Tick = 20;

    [Theory]
    [InlineData(10, 65, 19, 6, 0)]
    [InlineData(10, 65, 19, 6, 150)]
    [InlineData(0, 70, 20, 10, 0)]
    [InlineData(10, 40, 40, 10, 0)]
    public void Mixed_requests_use_95_percent_and_a_stop_waits_a_second_at_most(int polls, int reads, int creates, int stops, int kills)
    {
        var result = Run([polls, reads, creates, stops], kills);

        Assert.InRange(result.Use, 0.95, 1);
        Assert.True(result.Stops.Count > 10, $"{result.Stops.Count} stops");
        Assert.InRange(result.Stops.Max(), 0, 1000);
        // Where the others never end, polls are sent all the same.
        Assert.True(polls == 0 || result.Polls > 4 * Windows, $"{result.Polls} polls");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public void Where_a_quarter_of_all_requests_are_stops_most_of_them_still_wait_a_second_at_most(int kills)
    {
        var result = Run([25, 25, 25, 25], kills);

        Assert.InRange(result.Use, 0.95, 1);
        Assert.True(result.Stops.Count > 60, $"{result.Stops.Count} stops");
        Assert.InRange(result.Stops.Count(wait => wait > 1000) / (double)result.Stops.Count, 0, 0.1);
        Assert.InRange(result.Stops.Max(), 0, 20_000);
    }

    [Fact]
    public void Reads_alone_use_85_percent_and_leave_the_rest_for_what_is_more_urgent()
    {
        var result = Run([0, 100, 0, 0], kills: 0);

        Assert.InRange(result.Use, 0.84, 0.85);
    }

    /// <param name="shares">Of 100 requests, how many are of each class.</param>
    /// <param name="kills">How many processes end during a request, one after the other. Where there are some, the file is deleted too, and then damaged.</param>
    private Result Run(int[] shares, int kills)
    {
        var page = new BudgetPage(TimeSpan.FromMilliseconds(Window));
        var random = new Random(1);
        var deck = new Stack<RequestClass>();
        var callers = Enumerable.Range(1, Processes).Select(number => new Caller(number, Draw())).ToList();
        var sent = new List<long>();
        var (stops, polls) = (new List<long>(), 0);
        for (long now = Tick; now < Windows * Window; now += Tick)
        {
            // No order between the processes: whoever wakes first has its turn.
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(callers));
            foreach (var caller in callers)
            {
                if (caller.IsDueAt > now)
                    continue;
                if (caller.Turn is { } done)
                {
                    page.Complete(done, now);
                    (caller.Turn, caller.Kind, caller.AskedAt) = (null, Draw(), now);
                }

                var turn = page.TryTake(caller.Kind, now, caller.Number, BudgetPage.Slots, now - caller.AskedAt);
                if (!turn.IsTaken)
                {
                    caller.IsDueAt = now + Math.Min(turn.Wait, page.LongestWait);
                    continue;
                }

                sent.Add(now);
                polls += caller.Kind == RequestClass.Poll ? 1 : 0;
                if (caller.Kind == RequestClass.Stop && now > Window)
                    stops.Add(now - caller.AskedAt);
                (caller.Turn, caller.IsDueAt) = (turn, now + (Tick * random.Next(1, 5)));
            }

            if (kills > 0 && now is Windows * Window / 2 or Windows * Window * 3 / 4)
                page.RecoverFromDamage(now);
            if (kills > 0 && now % (Windows * Window / kills) < Tick)
            {
                // Its request may have arrived; another process takes its place a little later.
                var killed = callers[random.Next(Processes)];
                (killed.Turn, killed.Kind, killed.IsDueAt) = (null, Draw(), now + 500);
                killed.AskedAt = killed.IsDueAt;
            }
        }

        for (var i = BudgetPage.Slots; i < sent.Count; i++)
            Assert.True(sent[i] - sent[i - BudgetPage.Slots] >= Window, $"{BudgetPage.Slots + 1} requests in {sent[i] - sent[i - BudgetPage.Slots]} ms");
        var use = sent.Count(time => time > Window) / (double)(BudgetPage.Slots * (Windows - 1));
        output.WriteLine(FormattableString.Invariant($"{use:P1} of the requests of five minutes, {stops.Count} stops, the longest wait {stops.DefaultIfEmpty().Max()} ms, {polls} polls"));
        return new(use, stops, polls);

        RequestClass Draw()
        {
            if (deck.Count == 0)
            {
                RequestClass[] cards = [.. shares.SelectMany((share, kind) => Enumerable.Repeat((RequestClass)kind, share))];
                random.Shuffle(cards);
                foreach (var card in cards)
                    deck.Push(card);
            }

            return deck.Pop();
        }
    }

    private sealed record Result(double Use, List<long> Stops, int Polls);

    /// <summary>A process that sends one request after the other.</summary>
    private sealed class Caller(int number, RequestClass kind)
    {
        public int Number => number;

        public RequestClass Kind { get; set; } = kind;

        public long AskedAt { get; set; } = Tick;

        public long IsDueAt { get; set; }

        public BudgetTurn? Turn { get; set; }
    }
}
