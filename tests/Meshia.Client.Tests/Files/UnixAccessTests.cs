using System.Runtime.Versioning;

namespace Meshia.Client.Tests;

/// <summary>Who else may change the file of profiles.</summary>
[UnsupportedOSPlatform("windows")]
public class UnixAccessTests
{
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead;

    [Theory]
    [InlineData((UnixFileMode)0, 1000, 1000, 1000, null)]
    [InlineData((UnixFileMode)0, 1000, 100, 1000, null)]
    [InlineData(UnixFileMode.OtherWrite, 1000, 1000, 1000, "Other users of this machine")]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.StickyBit, 0, 0, 0, "Other users of this machine")]
    [InlineData(UnixFileMode.GroupWrite, 1000, 1000, 1000, null)]
    [InlineData(UnixFileMode.GroupWrite, 1000, 100, 1000, "The group 100")]
    [InlineData(UnixFileMode.GroupWrite, 0, 0, 1000, null)]
    [InlineData((UnixFileMode)0, 1001, 1001, 1000, "The user 1001")]
    [InlineData((UnixFileMode)0, 0, 0, 1000, null)]
    [InlineData((UnixFileMode)0, 1000, 1000, 0, null)]
    public void Nobody_but_the_user_and_root_may_change_it(UnixFileMode more, uint user, uint group, uint me, string? who) =>
        Assert.Equal(who, UnixAccess.WhoElse(Mine | more, (user, group), me));

    [Fact]
    public void A_real_folder_is_looked_at()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other permissions.");
        var folder = Directory.CreateTempSubdirectory("meshia-access-").FullName;
        try
        {
            UnixAccess.Check(folder);
            File.SetUnixFileMode(folder, Mine | UnixFileMode.OtherWrite);

            var failure = Assert.Throws<IOException>(() => UnixAccess.Check(folder));

            Assert.Contains($"Other users of this machine may change '{folder}'", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
