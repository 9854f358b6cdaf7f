using System.Globalization;

namespace Meshia.PowerShell.Tests;

/// <summary>Tests with the trait Culture=Dependent run in other cultures too, by LC_ALL. This one says whether that had an effect.</summary>
[Trait("Culture", "Dependent")]
public sealed class CultureTests
{
    [Fact]
    public void The_culture_is_the_one_that_was_asked_for()
    {
        var asked = Environment.GetEnvironmentVariable("LC_ALL")?.Split('.')[0];
        Assert.SkipWhen(!OperatingSystem.IsLinux() || asked is null or "" or "C" or "POSIX", "LC_ALL asks for no culture, or is not asked on this system.");

        Assert.Equal(asked!.Replace('_', '-'), CultureInfo.CurrentCulture.Name);
        using var session = new ModuleSession();
        Assert.Equal(CultureInfo.CurrentCulture, session.Output("[System.Threading.Thread]::CurrentThread.CurrentCulture").Single().BaseObject);
    }
}
