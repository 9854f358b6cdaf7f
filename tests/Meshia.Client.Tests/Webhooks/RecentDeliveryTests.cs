using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.Client.Tests;

public sealed class RecentDeliveryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-deliveries-");
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    private string LogPath => Path.Combine(_folder.FullName, "own.log");

    private DateTimeOffset Now => _clock.GetUtcNow();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_delivery_is_remembered_after_a_hundred_thousand_others()
    {
        var recent = new RecentDeliveries(_clock);
        await Take(recent, 1..100_001, Now.AddHours(24));

        Assert.Equal(0, await Take(recent, 1..100_001, Now.AddHours(24)));
    }

    [Fact]
    public async Task What_is_too_old_to_be_taken_again_is_forgotten()
    {
        var recent = new RecentDeliveries(_clock);
        await Take(recent, 0..50_000, Now.AddHours(24));
        _clock.Advance(TimeSpan.FromHours(25));
        await Take(recent, 50_000..150_000, Now.AddHours(24));

        Assert.InRange(recent.Count, 100_000, 149_999);
        Assert.Equal(0, await Take(recent, 50_000..150_000, Now.AddHours(24)));
    }

    [Fact]
    public async Task A_delivery_is_remembered_after_a_restart_and_after_a_kill_in_the_middle_of_a_record()
    {
        using (var log = new DeliveryLog(LogPath, Now))
            await Take(new(_clock, log), 0..10, Now.AddHours(24));
        await File.AppendAllBytesAsync(LogPath, new byte[7], TestContext.Current.CancellationToken);

        using var again = new DeliveryLog(LogPath, Now);

        Assert.Equal((10, false), (again.Known.Count, again.IsDamaged));
        Assert.Equal(5, await Take(new(_clock, again), 0..15, Now.AddHours(24)));
    }

    [Fact]
    public async Task What_could_not_be_taken_is_not_remembered()
    {
        using (var log = new DeliveryLog(LogPath, Now))
            Assert.False(await new RecentDeliveries(_clock, log).TakeOnceAsync([1], Now.AddHours(24), () => Task.FromResult(false)));

        using var again = new DeliveryLog(LogPath, Now);
        Assert.Empty(again.Known);
    }

    [Fact]
    public async Task The_log_drops_what_may_be_forgotten()
    {
        using (var log = new DeliveryLog(LogPath, Now))
        {
            await Take(new(_clock, log), 0..10, Now.AddHours(1));
            await Take(new(_clock, log), 10..14, Now.AddHours(24));
        }

        _clock.Advance(TimeSpan.FromHours(2));
        using var again = new DeliveryLog(LogPath, Now);

        Assert.Equal(4, again.Known.Count);
        Assert.Equal(8 + (4 * 24), new FileInfo(LogPath).Length);
    }

    [Fact]
    public void A_log_that_two_receivers_would_share_is_refused_to_the_second()
    {
        using var first = new DeliveryLog(LogPath, Now);
        Assert.Contains(LogPath, Assert.Throws<FileInUseException>(() => new DeliveryLog(LogPath, Now)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_of_a_newer_version_is_left_alone_and_a_damaged_one_is_said_to_be()
    {
        File.WriteAllText(LogPath, "MSHDLV02something");
        Assert.Contains("newer version", Assert.Throws<IOException>(() => new DeliveryLog(LogPath, Now)).Message, StringComparison.Ordinal);
        Assert.Equal("MSHDLV02something", File.ReadAllText(LogPath));

        File.WriteAllText(LogPath, "what is this?");
        using var log = new DeliveryLog(LogPath, Now);
        Assert.True(log.IsDamaged);
    }

    private static async Task<int> Take(RecentDeliveries recent, Range numbers, DateTimeOffset until)
    {
        var taken = 0;
        for (var number = numbers.Start.Value; number < numbers.End.Value; number++)
        {
            await recent.TakeOnceAsync(Encoding.ASCII.GetBytes($"event {number}"), until, () =>
            {
                taken++;
                return Task.FromResult(true);
            });
        }

        return taken;
    }
}
