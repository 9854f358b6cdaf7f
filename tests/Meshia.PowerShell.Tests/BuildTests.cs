namespace Meshia.PowerShell.Tests;

public class BuildTests
{
}
