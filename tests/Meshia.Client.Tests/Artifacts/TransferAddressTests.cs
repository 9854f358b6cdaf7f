using System.Net;

namespace Meshia.Client.Tests;

/// <summary>Addresses of the storage: expired, refused, redirected; and the room for a file.</summary>
public sealed class TransferAddressTests : TransferTest
{
    [Fact]
    public async Task An_address_that_is_refused_in_the_middle_is_asked_for_again()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, request =>
            request.Number == 1 ? new() { CutAfter = 5_000_000 } : new() { Status = request.Seen.Query.EndsWith("canary1", StringComparison.Ordinal) ? 403 : 0 });

        await SaveAsync(storage);

        AssertRight();
        Assert.Equal(2, storage.Api.Requests.Count);
        AssertSilentAboutSignature();
    }

    [Fact]
    public async Task An_address_that_is_about_to_end_is_replaced_before_anybody_refuses_it()
    {
        var clock = new TestClock();
        await using var storage = await NastyStorage.StartAsync(Bytes, request => request.Number == 1 ? new() { StallAfter = 5_000_000 } : new());
        storage.ExpiresAt = clock.GetUtcNow() + TimeSpan.FromSeconds(150);

        var saving = SaveAsync(storage, new() { Connections = 1 }, clock);
        await TestClient.UntilAsync(() => File.Exists(PartialPath) && new FileInfo(PartialPath).Length == 5_000_000);
        storage.ExpiresAt = clock.GetUtcNow() + TimeSpan.FromHours(2);
        clock.Advance(TimeSpan.FromSeconds(140));
        await saving;

        AssertRight();
        Assert.Equal(["?signature=canary1", "?signature=canary2"], storage.Requests.Select(request => request.Seen.Query));
    }

    [Fact]
    public async Task A_storage_that_refuses_every_address_is_an_error_without_the_signature()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, _ => new() { Status = 403 });

        var failure = await TestClient.FailsAsync(() => SaveAsync(storage));

        Assert.Equal((HttpStatusCode.Forbidden, "download_refused"), (failure.StatusCode, failure.Code));
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        AssertSilentAboutSignature();
        AssertNothing();
    }

    [Fact]
    public async Task A_storage_that_redirects_is_followed_without_the_key()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes);
        await using var front = await NastyStorage.StartAsync(Bytes, _ => new() { Status = 302, Location = new Uri(storage.Files.Origin, "file?signature=canary9").AbsoluteUri });

        await SaveAsync(front);

        AssertRight();
        Each.Of(storage.Requests, request => Assert.DoesNotContain("Authorization", request.Seen.Headers.Keys));
        AssertSilentAboutSignature();
    }

    [Theory]
    [InlineData("http://storage.example.com/file")]
    [InlineData("ftp://127.0.0.1/file")]
    public async Task A_redirect_into_the_clear_is_not_followed(string location)
    {
        await using var storage = await NastyStorage.StartAsync(Bytes, _ => new() { Status = 307, Location = location });

        Assert.Equal("unexpected_redirect", (await TestClient.FailsAsync(() => SaveAsync(storage))).Code);

        AssertNothing();
    }

    [Fact]
    public async Task Where_there_is_no_room_nothing_is_asked_for()
    {
        await using var storage = await NastyStorage.StartAsync(Bytes);
        var huge = new Artifact { Id = "art_1", SizeBytes = long.MaxValue / 2 };
        using var client = storage.Api.Client();

        var failure = await Assert.ThrowsAsync<IOException>(() => client.SaveArtifactAsync(huge, FilePath, cancellationToken: Cancel));

        Assert.Contains("not enough space", failure.Message, StringComparison.Ordinal);
        Assert.Empty(storage.Api.Requests);
        AssertNothing();
    }
}
